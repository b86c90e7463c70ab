-- A person's rights: their exports, corrections they ask for, and their erasure.

-- migrate:up

-- Copies that people asked for. The copy itself is an object, sealed under the person's key.
create table export (
    tenant       uuid not null default current_setting('app.tenant')::uuid,
    id           uuid not null,
    person       uuid not null,
    status       text not null check (status in ('waiting', 'ready', 'expired')),
    requested_at timestamptz not null,
    expires_at   timestamptz,
    primary key (tenant, id)
);
create unique index export_one_waiting on export (tenant, person) where status = 'waiting';
create index export_of_person on export (tenant, person, requested_at);
create index export_due on export (requested_at) where status <> 'expired';
select protect('export');

-- migrate:down
drop table export;
