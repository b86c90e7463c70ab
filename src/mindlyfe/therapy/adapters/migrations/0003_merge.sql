-- Two accounts of one patient become one: their appointments are the survivor's, and old ids lead there.

-- migrate:up

-- Whose account became whose, as identity told us.
create table merged (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    person   uuid not null,
    survivor uuid not null,
    primary key (tenant, person)
);
create index merged_into on merged (tenant, survivor);
select protect('merged');

-- Booked at one time as two people: both stand, until somebody cancels one.
alter table calendar add column doubled boolean not null default false;
alter table calendar drop constraint calendar_patient_free;
alter table calendar add constraint calendar_patient_free
    exclude using gist (tenant with =, patient with =, during with &&) where (status = 'booked' and not doubled);

-- migrate:down
alter table calendar drop constraint calendar_patient_free;
alter table calendar add constraint calendar_patient_free
    exclude using gist (tenant with =, patient with =, during with &&) where (status = 'booked');
alter table calendar drop column doubled;
drop table merged;
