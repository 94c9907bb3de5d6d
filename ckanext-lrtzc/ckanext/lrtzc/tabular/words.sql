-- How rows are searched: words of French, whatever their accents. Run in the DataStore's database by its owner or by the
-- server's superuser; may be run again.
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

DO $body$
BEGIN
    -- Processes that start together wait for each other here.
    PERFORM pg_advisory_xact_lock(hashtext('french_unaccent'));
    IF NOT EXISTS (SELECT FROM pg_ts_config WHERE cfgname = 'french_unaccent' AND cfgnamespace = 'public'::regnamespace) THEN
        CREATE TEXT SEARCH CONFIGURATION public.french_unaccent (COPY = pg_catalog.french);
        ALTER TEXT SEARCH CONFIGURATION public.french_unaccent
            ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.french_stem;
    END IF;
    -- The DataStore's trigger makes the words of changed rows in the language of who writes: the database's owner. Other
    -- roles, which may not look into the schema `public`, could not even connect if it were theirs too.
    EXECUTE format('ALTER DATABASE %I SET default_text_search_config = %L', current_database(), 'pg_catalog.french');
    EXECUTE (
        SELECT format('ALTER ROLE %I IN DATABASE %I SET default_text_search_config = %L', rolname, datname, 'public.french_unaccent')
        FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = current_database()
    );
END
$body$;
