-- migrate:up
create table push_subscription (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    id       uuid primary key,
    person   uuid not null,
    session  uuid not null,
    server   text not null, -- the name alone: the endpoint is a secret, and lies sealed in the event
    endpoint bytea not null, -- keyed digest: the same browser in another person's hands is found by it
    since    timestamptz not null,
    version  int not null
);
create index push_subscription_person on push_subscription (tenant, person);
create index push_subscription_endpoint on push_subscription (tenant, endpoint);
create index push_subscription_session on push_subscription (session);
select protect('push_subscription');

-- The key that push services know this installation by (RFC 8292). There is one, and it stays: every subscription is bound to it.
create table push_key (
    tenant uuid primary key default current_setting('app.tenant')::uuid, -- the region
    public text not null,
    sealed bytea not null -- the private JWK, sealed under the root key
);
select protect('push_key');

-- migrate:down
drop table push_key;
drop table push_subscription;
