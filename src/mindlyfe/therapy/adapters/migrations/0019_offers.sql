-- How long a slot is kept for who is offered it.

-- migrate:up
alter table schedule add column offer_minutes int not null default 240;

-- migrate:down
alter table schedule drop column offer_minutes;
