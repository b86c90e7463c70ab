-- Who is signed in where, for their owners; and which access tokens count no longer, for every process.

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

-- Of the region: a session that is over. Of an organisation: the roles that a person has there now. A row stays as long as
-- an access token could that says otherwise. No read model: it is not rebuilt.
create table revocation (
    tenant  uuid not null default current_setting('app.tenant')::uuid,
    subject uuid not null, -- the session, or the person
    version int not null,  -- of the stream
    roles   text[],
    until   timestamptz not null,
    tx      xid8 not null default pg_current_xact_id(),
    primary key (tenant, subject, version)
);
create index revocation_order on revocation (tx);
select protect('revocation');

-- migrate:down
drop table revocation, session;
