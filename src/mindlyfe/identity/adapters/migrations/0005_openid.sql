-- Apps that people sign in to by us, and what people allow them.

-- migrate:up

create table app (
    tenant        uuid not null default current_setting('app.tenant')::uuid, -- the region
    id            uuid not null,
    name          text not null,
    kind          text not null,
    redirect_uris text[] not null,
    scopes        text[] not null,
    disabled      boolean not null default false,
    registered_at timestamptz not null,
    version       int not null,
    primary key (tenant, id)
);
create index app_order on app (tenant, registered_at, id);
select protect('app');

create table allowance (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    person   uuid not null,
    app      uuid not null,
    scopes   text[] not null,
    given_at timestamptz not null,
    primary key (tenant, person, app)
);
select protect('allowance');

-- migrate:down
drop table allowance, app;
