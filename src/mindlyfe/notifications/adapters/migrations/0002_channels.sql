-- migrate:up
alter table delivery
    add column channel text not null default 'email',
    add column priority text not null default 'normal';
drop index delivery_due;
create index delivery_due on delivery (next_attempt_at) where status = 'waiting' and priority = 'normal';
create index delivery_critical on delivery (next_attempt_at) where status = 'waiting' and priority = 'critical';

-- migrate:down
drop index delivery_critical;
drop index delivery_due;
create index delivery_due on delivery (next_attempt_at) where status = 'waiting';
alter table delivery drop column priority, drop column channel;
