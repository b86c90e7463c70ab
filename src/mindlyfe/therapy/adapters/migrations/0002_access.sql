-- The copy of who treats whom becomes the kernel's: care, supervision and broken glasses, by date.

-- migrate:up
drop table care_checked, care;
select follow_ties();

-- migrate:down
drop table tie_checked, tie;
create table care (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    clinician uuid not null,
    patient   uuid not null,
    since     timestamptz not null,
    until     timestamptz,
    primary key (tenant, clinician, patient)
);
select protect('care');
create table care_checked (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    clinician  uuid not null,
    checked_at timestamptz not null,
    primary key (tenant, clinician)
);
select protect('care_checked');
