-- Series of appointments, and which appointment is which occurrence.

-- migrate:up

create table series (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    series      uuid not null,
    patient     uuid not null,
    therapist   uuid not null,
    schedule    uuid not null,
    zone        text not null,
    first       timestamptz not null,
    every_days  int not null,
    count       int not null,
    ended_after int, -- null: it has not ended before its time
    version     int not null,
    primary key (tenant, series)
);
create index series_of_patient on series (tenant, patient, first);
select protect('series');

create table occurrence (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    appointment uuid not null,
    series      uuid not null,
    number      int not null,
    original    timestamptz not null, -- when it was to start, before anybody moved it alone
    primary key (tenant, appointment),
    constraint occurrence_once unique (tenant, series, number)
);
select protect('occurrence');

-- migrate:down
drop table occurrence, series;
