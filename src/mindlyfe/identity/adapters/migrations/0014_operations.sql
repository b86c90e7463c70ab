-- What operators read: the clinics of the region, and the links by which more are opened. What administrators read: who
-- of their staff has a second factor.

-- migrate:up

-- Nothing here is about a person. Clinics that were opened before are filled in by a rebuild of the read model.
alter table organisation
    add column name         text not null default '',
    add column region       text not null default '',
    add column jurisdiction text not null default '',
    add column opened_at    timestamptz not null default clock_timestamp();
create index organisation_order on organisation (opened_at, tenant);

create table setup_link (
    tenant       uuid not null default current_setting('app.tenant')::uuid, -- the region
    id           uuid not null,
    operator     boolean not null, -- whether it makes an operator, too
    state        text not null check (state in ('open', 'used', 'withdrawn')),
    offered_at   timestamptz not null,
    expires_at   timestamptz not null,
    organisation uuid,
    version      int not null,
    primary key (tenant, id)
);
create index setup_link_order on setup_link (tenant, offered_at, id);
select protect('setup_link');

-- What people prove themselves by besides the password, as far as it must be counted: no secret, no key.
create table second_factor (
    tenant   uuid not null default current_setting('app.tenant')::uuid, -- the region
    stream   uuid not null,
    person   uuid not null,
    app      uuid, -- the authenticator app that counts
    passkeys uuid[] not null default '{}',
    primary key (tenant, stream)
);
create index second_factor_of_person on second_factor (tenant, person);
select protect('second_factor');

create index member_staff on member (tenant, person) where not roles <@ '{patient}' and standing <> 'left';

-- migrate:down
drop index member_staff;
drop table second_factor;
drop table setup_link;
drop index organisation_order;
alter table organisation drop column name, drop column region, drop column jurisdiction, drop column opened_at;
