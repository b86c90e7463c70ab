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

-- What people found wrong. The words stay sealed in the log.
create table correction (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    id       uuid not null,
    person   uuid not null,
    status   text not null check (status in ('waiting', 'accepted', 'declined')),
    asked_at timestamptz not null,
    primary key (tenant, id)
);
create index correction_order on correction (tenant, asked_at, id);
select protect('correction');

-- Who asked to be erased, and who must not be. A row goes with the person.
create table erasure_request (
    tenant uuid not null default current_setting('app.tenant')::uuid,
    person uuid not null,
    status text not null default 'none' check (status in ('none', 'waiting', 'refused', 'granted')),
    held   boolean not null default false,
    at     timestamptz not null,
    primary key (tenant, person)
);
select protect('erasure_request');

-- Who is being erased, or was: the list by which keys are destroyed again after a restore. Ids and moments alone.
create table erasure (
    tenant            uuid not null default current_setting('app.tenant')::uuid,
    person            uuid not null,
    status            text not null check (status in ('erasing', 'erased')),
    region            boolean,
    namesakes         uuid[] not null default '{}', -- other ids of theirs, of invitations and attempts to register
    at                timestamptz not null,
    keys_destroyed_at timestamptz,
    primary key (tenant, person)
);
select protect('erasure');

-- migrate:down
drop table erasure, erasure_request, correction, export;
