-- What identity reads: addresses, members, care relationships, and the keys that sign tokens.

-- migrate:up

-- Whose an address is: by a keyed digest alone, so that nothing here shows an address. One account per region.
create table account_address (
    tenant uuid not null default current_setting('app.tenant')::uuid, -- the region
    person uuid not null,
    digest bytea not null,
    primary key (tenant, person),
    constraint account_address_once unique (tenant, digest)
);
select protect('account_address');

create table organisation (
    tenant uuid primary key default current_setting('app.tenant')::uuid
);
select protect('organisation');

create table member (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    person    uuid not null,
    name      text not null,
    roles     text[] not null,
    zone      text not null,
    joined_at timestamptz not null,
    version   int not null,
    primary key (tenant, person)
);
create index member_order on member (tenant, joined_at, person);
select protect('member');

-- How many administrators a clinic has. The row is also the lock that keeps two of them from leaving at once.
create table administrators (
    tenant uuid primary key default current_setting('app.tenant')::uuid,
    count  int not null constraint administrators_remain check (count > 0)
);
select protect('administrators');

create table care (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    id        uuid not null,
    patient   uuid not null,
    clinician uuid not null,
    since     timestamptz not null,
    until     timestamptz,
    version   int not null,
    primary key (tenant, id)
);
create unique index care_runs_once on care (tenant, patient, clinician) where until is null;
create index care_of_clinician on care (tenant, clinician, since);
create index care_order on care (tenant, since, id);
select protect('care');

-- Keys that sign access tokens. Each signs from `active_from` until the next one does; the row is what processes agree on.
create table signing_key (
    tenant      uuid not null default current_setting('app.tenant')::uuid, -- the region
    generation  int not null,
    kid         text not null,
    public      jsonb not null, -- JWK
    sealed      bytea not null, -- the private JWK, sealed under the root key
    active_from timestamptz not null,
    primary key (tenant, generation)
);
select protect('signing_key');

-- migrate:down
drop table signing_key, care, administrators, member, organisation, account_address;
