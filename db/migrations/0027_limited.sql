-- A person can be limited to some locations, and then sees and moves stock at those only. The set stands in the membership row, which is
-- read at each request; null is all of them. An empty set would be read as "nothing" by one and as "all" by another, so there is none.
-- Locations are never deleted, and the service looks under the books' lock that each is there (lib/desk/limits.ts).
ALTER TABLE app.members ADD COLUMN limited_to text[];
ALTER TABLE app.members ADD CONSTRAINT members_limited CHECK (limited_to is null or (cardinality(limited_to) > 0 and role in ('helper', 'viewer')));
