-- What self-service reads: invitations, and the epochs of accounts.

-- migrate:up

-- How often password or address changed: a link made in an earlier epoch opens nothing any more.
alter table account_address add column epoch int not null default 0;

create table invitation (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    id         uuid not null,
    person     uuid not null,
    name       text not null,
    roles      text[] not null,
    state      text not null,
    issued_at  timestamptz not null,
    expires_at timestamptz not null,
    version    int not null,
    primary key (tenant, id)
);
create index invitation_order on invitation (tenant, state, issued_at, id);
create index invitation_person on invitation (tenant, person);
select protect('invitation');

-- migrate:down
drop table invitation;
alter table account_address drop column epoch;
