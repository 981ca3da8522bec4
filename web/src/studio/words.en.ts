import type { StudioWords } from "./words.vi";

/** The words of the studio in English. */
export const en: StudioWords = {
  title: "Map studio",
  signIn: { title: "Sign in to edit", note: "For those who work for the city.", again: "Your session has ended", againNote: "What is not yet published is still on this machine. Sign in again to go on.", account: "Account", password: "Password", code: "Code", codeNote: "Six digits from your authenticator app, or a recovery code.", go: "Sign in", portal: "To the public map", out: "Sign out", as: "Sign {{name}} out", tryAs: "Try it as (in the demo only)", role: { public: "Public", citizen: "Citizen", reception: "Reception", officer: "Officer", clerk: "Clerk", signatory: "Signatory", inspector: "Inspector", planner: "Planner", asset_keeper: "Asset keeper", leader: "Leader", administrator: "Administrator" } },
  noRights: "This account is not of the city's staff, so there is no layer for it here.",
  panels: { layers: "Layers", form: "Attributes", table: "Table", work: "Unpublished", drafts: "Drafts", findings: "To look at", map: "Map", hide: "Hide", show: "Show" },
  layers: { title: "Your layers", readOnly: "read only", editable: "editable", shown: "Draw the layer {{name}} on the map", noPlace: "Not drawn on this map", none: "There is no layer." },
  select: { label: "Select objects", click: "Click", box: "Box", polygon: "Polygon", hint: { box: "Drag a box around the objects. Hold Shift to add to the selection, Esc to stop.", polygon: "Click the corners, Enter or the first corner again to select. Esc to stop." }, none: "No object of this layer is there.", most: "Only the first {{count}} objects are selected." },
  form: {
    none: "Nothing is selected.", noneHint: "Choose a layer, then click an object on the map or a row of the table.", new: "new", version: "version {{version}}", willGo: "It goes when you publish.", movedOn: "Somebody else changed this object after you began. Check before you publish.",
    show: "Go there", shape: "Edit shape", corners: "Corner table", history: "History", drop: "Drop changes", remove: "Delete", choose: "Choose…", unknownCode: "not in the list", pastCode: "no longer in force", required: "required", help: "Explain", noHelp: "There is no explanation yet.", before: "Before:", empty: "empty", restore: "restore",
    kind: { text: "Enter a text.", int: "Enter a whole number.", float: "Enter a number, such as 12.5.", bool: "Choose yes or no.", date: "Enter a date.", timestamp: "Enter a moment, such as 2026-01-31T08:00:00+07:00.", code: "Choose a code.", json: "Enter valid JSON." },
    drawing: "Editing the shape", drawingNew: "Drawing a new object", keepShape: "Keep this shape", dropShape: "Drop",
  },
  bulk: { title_one: "{{count}} object", title_other: "{{count}} objects", field: "Attribute to change in all", empty: "Empty it in all", now: "There is:", preview: "{{count}} of {{all}} objects will change:", from: "Now", objects: "Count", to: "Then", same: "stays", more: "and {{count}} other values", apply: "Put {{count}} changes into the list", remove: "Delete {{count}}" },
  table: {
    none: "Choose a layer at the left to see its table.", search: "Search the table", filter: "Filter", chooseAll: "Select all", onlyChosen: "Only the {{count}} selected", only: "Only {{count}}", clear: "Clear selection", count: "{{shown}} rows", new: "New", empty: "There is no row.",
    field: "Attribute", comparison: "Comparison", value: "Value", addCondition: "Add the condition", dropCondition: "Drop the condition",
    is: { "=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", has: "contains", empty: "is empty", filled: "is filled" },
  },
  work: {
    none: "No changes yet. Every change lies here, on this machine, until you publish it or save it into a draft.", reason: "Reason", reasonHint: "Such as: adjusted by decision 5678/QĐ-UBND", check: "Check", publish: "Publish {{count}} changes", needsReason: "Write a reason before you publish.", checkReason: "check",
    sound_one: "Sound: it can be published.", sound_other: "Sound: all {{count}} changes can be published.", unsound: "{{count}} changes cannot be published yet.", published: "{{count}} changes are published.", nothingWritten: "Nothing was written; see each line below.", drop: "Drop", place: "Go there", attributes: "{{count}} attributes", geometry: "Shape",
    op: { insert: "Add", update: "Change", delete: "Delete" }, outcome: { applied: "sound", merged: "sound, merged", identical: "no change", conflict: "conflict", refused: "refused" },
  },
  conflict: { title: "Conflict", who: "{{who}} changed it at {{when}}. Choose what stays.", gone: "Somebody else deleted this object.", field: "Attribute", seen: "You saw", there: "There now", yours: "Yours", takeTheirs: "Take what is there", keepMine: "Keep mine", merge: "Merge as chosen", shape: "another shape" },
  drafts: {
    plot: "sheet {{sheet}} plot {{number}}", name: "Name of a new draft", make: "Make", none: "There is no draft. Make one, or save the list of changes into one.", all: "All drafts", operations: "{{count}} operations", unnamed: "Draft", target: "Save into", newOne: "A new draft", save: "Save into the draft", saved: "{{count}} changes are saved into the draft.", unsaved: "{{count}} changes on this machine are in no draft yet. Open “Unpublished” to save them.",
    group: { toReview: "Waiting for your review", mine: "Yours", others: "Of others", over: "Ended" },
    next: {
      empty: "The draft is empty. Draw or edit on the map, then press “Save into the draft” in “Unpublished”.",
      open: { owner: "The map is drawn with this draft. When it is done, send it to a second person for review.", reviewer: "The map is drawn with this draft. Its owner is still at work.", reader: "The map is drawn with this draft. Its owner is still at work." },
      in_review: { owner: "Somebody else reviews it. To change it, withdraw it.", reviewer: "Look at the map and the parts below, then approve it, or return it with a comment.", reader: "It is in review." },
      returned: { owner: "The draft was returned. Read the comments, change it and send it again.", reviewer: "It was returned to its owner.", reader: "It was returned to its owner." },
      approved: { owner: "Approved just as you see it. Publishing puts all of it on the map at once.", reviewer: "Approved just as you see it. Publishing puts all of it on the map at once.", reader: "Approved, waiting to be published." },
      published: "It is on the public map. The history of each object names this publication.", discarded: "The draft was discarded and can only be looked at.",
    },
    leave: "Leave this out of the draft", openNext: "Open what lies there now", reason: "Reason of publishing", check: "Check", commentHint: "Write a comment", goOn: "Edit further", area: "Area", reopens: "A draft in which a conflict is settled must be approved again.", ownerSettles: "{{who}}, who owns the draft, decides which value stays.",
    state: { open: "being drawn", in_review: "in review", returned: "returned", approved: "approved", published: "published", discarded: "discarded" }, change: { added: "Add", changed: "Change", removed: "Delete" },
    submit: "Send for review", withdraw: "Withdraw", approve: "Approve", publish: "Publish", discard: "Discard the draft", discardAsk: "Discard this draft?", comment: "Comment", say: "Leave the comment", return: "Return with the comment", atCentre: "The comment belongs to the middle of the map (the cross).",
    compare: "Against what is in force", impact: "Impact", noImpact: "It touches no other object.", comments: "Comments",
  },
  history: { noReason: "no reason given", first: "First version", deleted: "Deleted:", undo: "Undo this publication", undoAsk: "Undo this whole publication by a new one?", undoReason: "undo: {{reason}}", undone: "Taken back by a new publication.", builtOn: "Nothing was written. These objects were changed since; undo the later changes first:" },
  findings: { none: "There is nothing to look at.", more: "There is more: only the latest are listed." },
  help: { title: "Keyboard shortcuts", help: "This sheet", click: "Select by a click", box: "Select by a box", polygon: "Select by a polygon", more: "Add to the selection", new: "A new object", remove: "Delete what is selected", undo: "Undo, redo", publish: "Open the unpublished list", panels: "Hide, show layers, table, attributes", search: "Search the table", clear: "Clear the selection", rows: "Walk in the table", drawing: "While drawing", close: "Close" },
  undo: "Undo", redo: "Redo",
  leave: "{{count}} changes are not published. They stay on this machine until {{name}} signs in again. Sign out?",
  drawnAgain: "The shape you were drawing is open again.",
  unkept: "The browser does not let work be kept on this machine. Publish before you close the page.",
};
