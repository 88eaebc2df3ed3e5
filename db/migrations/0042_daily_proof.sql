-- Books are proved by the clock too: when each business's are next, found without opening every business (lib/books/daily-proof.ts).
ALTER TABLE app.directory ADD COLUMN prove_at timestamp with time zone;
-- Those that are there already, over the hours of the day.
UPDATE app.directory SET prove_at = now() + random() * interval '1 day';
ALTER TABLE app.directory ALTER COLUMN prove_at SET NOT NULL;
CREATE INDEX directory_prove_at ON app.directory (prove_at);
