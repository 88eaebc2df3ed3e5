-- A session shows when and where it began and ends when it has rested too long: what the list in Settings and the limits need.
ALTER TABLE app.sessions
  ADD COLUMN created_at timestamp with time zone NOT NULL,
  ADD COLUMN seen_at timestamp with time zone NOT NULL,
  ADD COLUMN agent text NOT NULL;
