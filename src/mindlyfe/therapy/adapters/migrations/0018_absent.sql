-- Who of the two did not come. What was missed before knows it after a rebuild of the calendar.

-- migrate:up
alter table calendar add column absent text check (absent in ('patient', 'therapist'));

-- migrate:down
alter table calendar drop column absent;
