-- What administrators read: where members stand.

-- migrate:up
alter table member add column standing text not null default 'active' check (standing in ('active', 'suspended', 'left'));

-- migrate:down
alter table member drop column standing;
