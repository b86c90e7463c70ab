-- Encounters: who waits, who meets, who came.

-- migrate:up

-- Where each stands. Where the patient is, and how to call them back, is sealed in its stream.
create table encounter (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    encounter   uuid not null,
    appointment uuid not null,
    patient     uuid not null,
    therapist   uuid not null,
    kind        text not null check (kind in ('video', 'on-site')),
    stage       text not null check (stage in ('arrived', 'left', 'in-progress', 'finished', 'cancelled')),
    starts_at   timestamptz not null,
    arrived_at  timestamptz not null,
    started_at  timestamptz,
    ended_at    timestamptz,
    close_at    timestamptz not null, -- by the platform, unless somebody ends it
    patient_s   int not null default 0,
    therapist_s int not null default 0,
    by_platform boolean not null default false,
    version     int not null,
    primary key (tenant, encounter),
    unique (tenant, appointment)
);
create index encounter_of_patient on encounter (tenant, patient);
create index encounter_waiting on encounter (tenant, arrived_at, appointment) where stage = 'arrived';
create index encounter_open on encounter (close_at) where stage in ('arrived', 'left', 'in-progress');
select protect('encounter');

-- migrate:down
drop table encounter;
