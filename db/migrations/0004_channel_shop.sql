-- Whose account at the channel it is, in the channel's own words: signing in to the same shop again finds the same channel, so that
-- its orders are not brought in a second time under another name.
ALTER TABLE app.channels ADD COLUMN shop text COLLATE "C";
