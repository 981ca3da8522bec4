import type { StudioWords } from "./words.vi";

/** The words of the studio in English. */
export const en: StudioWords = {
  title: "Map studio",
  signIn: { title: "Sign in to edit", note: "For those who work for the city.", again: "Your session has ended", againNote: "What is not yet published is still on this machine. Sign in again to go on.", account: "Account", password: "Password", go: "Sign in", portal: "To the public map", out: "Sign out", as: "Working as {{name}}" },
  noRights: "This account has no layer to edit yet.",
  panels: { layers: "Layers", form: "Attributes", table: "Table", work: "Not yet published", drafts: "Drafts", findings: "To look at", map: "Map", hide: "Hide", show: "Show" },
  layers: { title: "Your layers", readOnly: "read only", editable: "editable", shown: "Draw the layer {{name}} on the map", choose: "Choose a layer to see its table and edit it.", none: "There is no layer." },
  form: { none: "Nothing is selected.", noneHint: "Click an object on the map, or a row of the table." },
  table: { none: "Choose a layer at the left to see its table." },
  undo: "Undo", redo: "Redo",
  unkept: "The browser does not let work be kept on this machine. Publish before you close the page.",
};
