-- A server without the owner's URL asks whether the tables are those that it needs.
GRANT SELECT ON public._sqlx_migrations TO dothi_app;
