-- Treatment plans: which there are, and when they are to be reviewed. What they say is sealed in their streams.

-- migrate:up

create table treatment_plan (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    plan        uuid not null,
    episode     uuid not null,
    patient     uuid not null,
    number      int not null, -- of the newest version
    next_review date not null,
    version     int not null,
    primary key (tenant, plan),
    unique (tenant, episode)
);
create index treatment_plan_of_patient on treatment_plan (tenant, patient);
create index treatment_plan_due on treatment_plan (next_review);
select protect('treatment_plan');

-- migrate:down
drop table treatment_plan;
