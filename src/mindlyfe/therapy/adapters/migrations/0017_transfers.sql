-- Episodes of care follow a handover of the care that they belong to.

-- migrate:up
alter table episode add column transferred_at timestamptz;

-- What identity told of, until it is due and the episode has followed.
create table transfer (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    care      uuid not null, -- the relationship that was handed over
    patient   uuid not null,
    was       uuid not null,
    clinician uuid not null,
    at        timestamptz not null,
    primary key (tenant, care)
);
create index transfer_due on transfer (at, care);
create index transfer_of_patient on transfer (tenant, patient);
select protect('transfer');

-- migrate:down
drop table transfer;
alter table episode drop column transferred_at;
