-- Schedules say whether bookings are confirmed, until when requests are answered, what is late, and in which room.

-- migrate:up
alter table schedule
    add column confirms     boolean not null default false,
    add column answer_hours int not null default 48,
    add column late_hours   int not null default 24,
    add column room         uuid;

-- migrate:down
alter table schedule
    drop column confirms,
    drop column answer_hours,
    drop column late_hours,
    drop column room;
