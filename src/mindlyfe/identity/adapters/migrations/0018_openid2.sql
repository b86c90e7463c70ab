-- An app that was closed ends all tokens it holds, whoever gave them.

-- migrate:up
alter table revocation add column of_app boolean not null default false; -- the subject is an app of the region

-- migrate:down
alter table revocation drop column of_app;
