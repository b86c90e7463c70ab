-- Which keys were destroyed lately: every process looks once a second, and forgets them.
-- Runs as keys_owner.

-- migrate:up
create index person_key_erased on person_key (erased_at) where erased_at is not null;

-- migrate:down
drop index person_key_erased;
