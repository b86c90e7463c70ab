-- Whether the patient was told of it; until then, and where the notice is withheld, their access log says nothing.

-- migrate:up
alter table break_glass add column told boolean not null default false;
create index break_glass_of_patient on break_glass (tenant, patient);

-- migrate:down
drop index break_glass_of_patient;
alter table break_glass drop column told;
