import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { watchAttendance } from "../kit/api/attended";
import { Account } from "./Account";
import { adminApi } from "./api";
import { Door } from "./Door";
import { Log } from "./Log";
import { LookUps } from "./LookUps";
import { Mails } from "./Mails";
import { Failed, useLang } from "./parts";
import { linkOf, NewPassword } from "./NewPassword";
import { People } from "./People";
import { addWords } from "./words";
import "./admin.css";

addWords();

/** Where to go after signing in: a page of ours, or here. */
const next = () => {
  const wanted = new URLSearchParams(location.search).get("next") ?? "";
  return /^\/[a-z]*$/.test(wanted) ? wanted : null;
};

/** `/admin` and `/signin`: the own account for everybody, and people for administrators. */
export function Admin() {
  const { t, i18n } = useTranslation("admin");
  const lang = useLang();
  const questions = useQueryClient();
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => adminApi.me(signal) });
  const [tab, setTab] = useState<"mine" | "people" | "mails" | "lookUps">("mine");
  const [link, setLink] = useState(() => linkOf(location.hash));
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => watchAttendance(() => void adminApi.me().catch(() => undefined)), []);
  useEffect(() => {
    const follow = () => setLink(linkOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.title = t("title");
  }, [t, lang]);

  const entered = () => {
    const wanted = next();
    if (location.pathname === "/signin" && wanted) location.assign(wanted);
    else void questions.invalidateQueries();
  };
  /** The link goes out of the address and of the history with it. */
  const putAway = () => {
    history.replaceState(null, "", location.pathname + location.search);
    setLink(null);
  };
  const chosen = () => {
    putAway();
    setSaid(t("link.done"));
    // Whoever was signed in here with this account no longer is. The door stays: somebody may already be typing.
    questions.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
    void me.refetch();
  };
  const leave = async () => {
    await adminApi.signOut().catch(() => undefined);
    questions.clear();
    setTab("mine");
    void me.refetch();
  };

  const known = me.data?.account ? me.data : null;
  const mayDo = (action: string) => known !== null && known.must !== "second_factor" && known.rights.some((right) => right.action === action);
  const manages = mayDo("manage_people"), watches = mayDo("see_look_ups");
  const tabs = (["mine", "people", "mails", "lookUps"] as const).filter((one) => one === "mine" || (one === "lookUps" ? watches : manages));
  return (
    <div className="admin">
      <header>
        <a className="button bare" href="/">{t("map")}</a>
        <a className="button bare" href="/studio">{t("studio")}</a>
        <span className="gap" />
        <button type="button" className="button bare" onClick={() => void i18n.changeLanguage(lang === "vi" ? "en" : "vi")}>{t("other")}</button>
        {known && <button type="button" className="button bare" onClick={() => void leave()}>{t("out")}</button>}
      </header>
      <main>
        <Failed cause={me.error} />
        {link && <NewPassword key={link} link={link} onDone={chosen} onLeave={putAway} />}
        {!link && me.data && !known && <Door tryAs={me.data.try_as ?? []} mail={me.data.mail === true} said={said} onDone={entered} />}
        {!link && known && (
          <>
            <h1>{t("title")}</h1>
            {tabs.length > 1 && (
              <div className="row tabs" role="group" aria-label={t("title")}>
                {tabs.map((one) => <button key={one} type="button" className="button" aria-pressed={tab === one} onClick={() => setTab(one)}>{t(one === "mails" || one === "lookUps" ? `${one}.tab` : one)}</button>)}
              </div>
            )}
            {manages && tab === "people" && <People own={known.account ?? ""} sends={known.mail === true} />}
            {manages && tab === "mails" && <Mails />}
            {watches && tab === "lookUps" && <><LookUps /><Log /></>}
            {!(tabs as readonly string[]).includes(tab) || tab === "mine" ? <Account me={known} onChange={() => void me.refetch()} /> : null}
          </>
        )}
      </main>
    </div>
  );
}
