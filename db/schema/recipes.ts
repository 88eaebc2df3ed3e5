/** What things are made of: recipes in versions, and which of them a production was made by. What was made is told by facts. */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { app, instant, key, minor, ofBusiness, quantity } from "../columns";
import { accounts } from "./books";
import { items } from "./stock";

/** A recipe of one item. Written by lib/desk/recipes.ts; the indexes serve the list and what an item is made of. */
export const recipes = app.table(
  "recipes",
  {
    businessId: ofBusiness(),
    id: key("id").notNull(),
    /** make: the item is what comes out; unmake: it is what is taken apart. */
    way: text("way").notNull(),
    itemId: key("item_id").notNull(),
    name: text("name").notNull(),
    /** The latest, which is the one that is used. */
    version: integer("version").notNull(),
    retiredAt: instant("retired_at"),
    createdAt: instant("created_at").notNull(),
    createdBy: uuid("created_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "recipes_pk" }),
    index("recipes_by_name").on(t.businessId, t.name, t.id),
    index("recipes_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "recipes_item",
    }),
    check("recipes_way", sql`${t.way} in ('make', 'unmake')`),
    check("recipes_version", sql`${t.version} > 0`),
  ],
);

/** A version, never changed once it is written: an edit makes the next one. */
export const recipeVersions = app.table(
  "recipe_versions",
  {
    businessId: ofBusiness(),
    recipeId: key("recipe_id").notNull(),
    version: integer("version").notNull(),
    /** For each batch, or for each whole unit of the recipe's item. */
    labourMinor: minor("labour_minor").notNull(),
    labourPer: text("labour_per").notNull(),
    overheadMinor: minor("overhead_minor").notNull(),
    overheadPer: text("overhead_per").notNull(),
    /** The account that both are taken from. */
    accountCode: key("account_code").notNull(),
    note: text("note").notNull(),
    createdAt: instant("created_at").notNull(),
    createdBy: uuid("created_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.recipeId, t.version], name: "recipe_versions_pk" }),
    index("recipe_versions_of_account").on(t.businessId, t.accountCode),
    foreignKey({
      columns: [t.businessId, t.recipeId],
      foreignColumns: [recipes.businessId, recipes.id],
      name: "recipe_versions_recipe",
    }),
    foreignKey({
      columns: [t.businessId, t.accountCode],
      foreignColumns: [accounts.businessId, accounts.code],
      name: "recipe_versions_account",
    }),
    check("recipe_versions_amounts", sql`${t.version} > 0 and ${t.labourMinor} >= 0 and ${t.overheadMinor} >= 0`),
    check("recipe_versions_per", sql`${t.labourPer} in ('batch', 'unit') and ${t.overheadPer} in ('batch', 'unit')`),
  ],
);

/** What goes into a batch and what comes out of it, in the items' smallest units. Written with its version. */
export const recipeLines = app.table(
  "recipe_lines",
  {
    businessId: ofBusiness(),
    recipeId: key("recipe_id").notNull(),
    version: integer("version").notNull(),
    place: integer("place").notNull(),
    /** in, out */
    side: text("side").notNull(),
    itemId: key("item_id").notNull(),
    qty: quantity("qty").notNull(),
    /** Used up beyond what goes in: so much for a batch, and so many hundredths of a percent of it. 0 for what comes out. */
    wasteQty: quantity("waste_qty").notNull(),
    wasteRate: integer("waste_rate").notNull(),
    /** Of the cost, for what comes out; 0 for what goes in. */
    share: quantity("share").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.recipeId, t.version, t.place], name: "recipe_lines_pk" }),
    unique("recipe_lines_once").on(t.businessId, t.recipeId, t.version, t.side, t.itemId),
    index("recipe_lines_of_item").on(t.businessId, t.itemId),
    foreignKey({
      columns: [t.businessId, t.recipeId, t.version],
      foreignColumns: [recipeVersions.businessId, recipeVersions.recipeId, recipeVersions.version],
      name: "recipe_lines_version",
    }),
    foreignKey({
      columns: [t.businessId, t.itemId],
      foreignColumns: [items.businessId, items.id],
      name: "recipe_lines_item",
    }),
    check("recipe_lines_side", sql`${t.side} in ('in', 'out')`),
    check(
      "recipe_lines_amounts",
      sql`${t.qty} > 0 and ${t.wasteQty} >= 0 and ${t.wasteRate} >= 0 and ${t.share} >= 0 and (${t.side} = 'out' or ${t.share} = 0) and (${t.side} = 'in' or (${t.wasteQty} = 0 and ${t.wasteRate} = 0))`,
    ),
  ],
);

/** What a person said of a production beside its fact, by the document's id. Written by lib/desk/production.ts. */
export const productions = app.table(
  "productions",
  {
    businessId: ofBusiness(),
    documentId: key("document_id").notNull(),
    way: text("way").notNull(),
    recipeId: key("recipe_id"),
    version: integer("version"),
    createdAt: instant("created_at").notNull(),
    createdBy: uuid("created_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.documentId], name: "productions_pk" }),
    index("productions_of_recipe").on(t.businessId, t.recipeId, t.version),
    foreignKey({
      columns: [t.businessId, t.recipeId, t.version],
      foreignColumns: [recipeVersions.businessId, recipeVersions.recipeId, recipeVersions.version],
      name: "productions_recipe",
    }),
    check("productions_way", sql`${t.way} in ('make', 'unmake') and (${t.recipeId} is null) = (${t.version} is null)`),
  ],
);
