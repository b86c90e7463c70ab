-- Supervision, and broken glasses with their reviews. Care may be agreed for later.

-- migrate:up
drop index care_runs_once;
alter table care add constraint care_runs_once
    exclude using gist (tenant with =, patient with =, clinician with =, tstzrange(since, until) with &&);

create table supervision (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    id         uuid not null,
    supervisor uuid not null,
    clinician  uuid not null,
    since      timestamptz not null,
    until      timestamptz,
    version    int not null,
    primary key (tenant, id)
);
create unique index supervision_runs_once on supervision (tenant, supervisor, clinician) where until is null;
create index supervision_order on supervision (tenant, since, id);
select protect('supervision');

-- Neither reason nor judgement: they are in the log alone, sealed for the patient.
create table break_glass (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    id          uuid not null,
    patient     uuid not null,
    clinician   uuid not null,
    opened_at   timestamptz not null,
    until       timestamptz not null,
    reviewed_at timestamptz,
    version     int not null,
    primary key (tenant, id),
    constraint break_glass_once
        exclude using gist (tenant with =, patient with =, clinician with =, tstzrange(opened_at, until) with &&)
);
create index break_glass_pending on break_glass (tenant, opened_at, id) where reviewed_at is null;
create index break_glass_of_clinician on break_glass (tenant, clinician, until);
select protect('break_glass');

-- migrate:down
drop table break_glass, supervision;
alter table care drop constraint care_runs_once;
create unique index care_runs_once on care (tenant, patient, clinician) where until is null;
