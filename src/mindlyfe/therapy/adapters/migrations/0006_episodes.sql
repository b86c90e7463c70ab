-- Episodes of care.

-- migrate:up

-- Where each stands. What is clinical of it is sealed in its stream.
create table episode (
    tenant       uuid not null default current_setting('app.tenant')::uuid,
    episode      uuid not null,
    patient      uuid not null,
    stage        text not null
        check (stage in ('referred', 'accepted', 'active', 'discharged', 'refused', 'withdrawn')),
    source       text not null,
    addressed_to uuid,
    clinician    uuid,
    referred_at  timestamptz not null,
    ended_at     timestamptz,
    version      int not null,
    primary key (tenant, episode)
);
create unique index episode_runs on episode (tenant, patient) where stage in ('referred', 'accepted', 'active');
create index episode_of_patient on episode (tenant, patient, referred_at, episode);
create index episode_by_stage on episode (tenant, stage, referred_at, episode);
select protect('episode');

-- migrate:down
drop table episode;
