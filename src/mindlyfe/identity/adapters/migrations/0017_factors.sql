-- Registrations that nobody confirmed, and the erasures that their end comes to.

-- migrate:up
create table pending_registration (
    tenant uuid not null default current_setting('app.tenant')::uuid,
    id     uuid not null,
    person uuid not null,
    until  timestamptz not null, -- from then on nobody can confirm it
    primary key (tenant, id)
);
create index pending_registration_order on pending_registration (until);
select protect('pending_registration');

-- False of who never belonged here: nobody asked for their erasure, and the list of those who did does not show it.
alter table erasure add column listed boolean not null default true;

-- migrate:down
alter table erasure drop column listed;
drop table pending_registration;
