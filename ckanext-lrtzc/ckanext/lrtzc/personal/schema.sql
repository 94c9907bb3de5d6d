-- The personal store. Run as administrator at each start, on the database `personal`, with -v role=<its role>.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS lrtzc_personal AUTHORIZATION :"role";
SET ROLE :"role";

CREATE TABLE IF NOT EXISTS lrtzc_personal.identity (
    account_id text PRIMARY KEY,
    title bytea,
    first_name bytea,
    last_name bytea,
    birth_date bytea,
    restricted boolean NOT NULL DEFAULT false,
    changed timestamptz NOT NULL DEFAULT now()
);

-- What waits for its author to open a link sent by e-mail; nothing of it is in the account's tables until then.
CREATE TABLE IF NOT EXISTS lrtzc_personal.request (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    content bytea,
    token bytea UNIQUE,
    made timestamptz NOT NULL DEFAULT now(),
    expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS request_expires ON lrtzc_personal.request (expires);

-- What proves who signs in beside the password: a generator of codes, passkeys, recovery codes.
CREATE TABLE IF NOT EXISTS lrtzc_personal.factor (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('codes', 'passkey', 'recovery')),
    title text NOT NULL DEFAULT '',
    secret bytea NOT NULL,
    -- The last step of a generator's clock, or the last count of a passkey: nothing older is taken again.
    counter bigint NOT NULL DEFAULT 0,
    made timestamptz NOT NULL DEFAULT now(),
    used timestamptz
);
CREATE INDEX IF NOT EXISTS factor_account ON lrtzc_personal.factor (account_id, kind);
