-- Who is signed in where, for their owners.

-- migrate:up
create table session (
    tenant       uuid not null default current_setting('app.tenant')::uuid, -- the region
    id           uuid not null,
    person       uuid not null,
    organisation uuid not null,
    device       text not null,
    client       text not null,
    methods      text[] not null,
    aal          int not null,
    opened_at    timestamptz not null,
    used_at      timestamptz not null,
    ended_at     timestamptz,
    version      int not null,
    primary key (tenant, id)
);
create index session_of_person on session (tenant, person) where ended_at is null;
select protect('session');

-- migrate:down
drop table session;
