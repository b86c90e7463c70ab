-- The texts that people agree to, every version of them. Never changed: what was shown must be provable.

-- migrate:up
create table consent_text (
    tenant       uuid not null default current_setting('app.tenant')::uuid,
    id           uuid not null,
    purpose      text not null,
    language     text not null,
    number       int not null,
    hash         text not null,
    wording      text not null,
    published_at timestamptz not null,
    primary key (tenant, id),
    constraint consent_text_once unique (tenant, purpose, language, number)
);
select protect('consent_text', 'select, insert');

-- migrate:down
drop table consent_text;
