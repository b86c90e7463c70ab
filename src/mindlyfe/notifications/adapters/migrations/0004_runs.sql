-- Runs of workflows, what clinics and people want of them, and who carries what is due.

-- migrate:up

create table run (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    id          uuid primary key,
    workflow    text not null,
    edition     text not null,
    recipient   uuid not null,
    about       uuid not null,
    round       int not null,
    status      text not null check (status in ('running', 'done', 'withdrawn')),
    moment      timestamptz,
    due_at      timestamptz,
    critical    boolean not null,
    version     int not null,
    correlation text not null
);
create index run_due on run (due_at) where due_at is not null and not critical;
create index run_critical on run (due_at) where due_at is not null and critical;
create index run_recipient on run (tenant, recipient);
select protect('run');

-- A claim is not a fact: it is not rebuilt with the read models. One that is lost has a step asked for twice, under one id.
create table claim (
    tenant uuid not null default current_setting('app.tenant')::uuid,
    stream uuid primary key,
    until  timestamptz not null
);
select protect('claim');

create table workflow (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    name       text not null,
    number     int not null,
    definition jsonb not null,
    used       boolean not null,
    version    int not null,
    primary key (tenant, name, number)
);
select protect('workflow');

create table preference (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    person    uuid not null,
    channels  jsonb not null,
    workflows jsonb not null,
    quiet     jsonb not null,
    version   int not null,
    primary key (tenant, person)
);
select protect('preference');

-- migrate:down
drop table preference;
drop table workflow;
drop table claim;
drop table run;
