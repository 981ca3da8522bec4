import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { listenAgain } from "../kit/live/live";
import { watchAttendance } from "../kit/api/attended";
import type { Lang } from "../kit/format/format";
import { Desk } from "./Desk";
import { type Me, SIGNED_OUT, studioApi } from "./api";
import { SignIn } from "./SignIn";
import { addWords } from "./words";
import "./studio.css";

addWords();

/** The studio: the door, and behind it the desk. */
export function Studio() {
  const { t, i18n } = useTranslation("studio");
  const lang: Lang = i18n.language === "en" ? "en" : "vi";
  const questions = useQueryClient();
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => studioApi.me(signal), staleTime: 60_000 });
  // Who worked here last: a session that ends does not close the page over their work.
  const [known, setKnown] = useState<Me | null>(null);
  useEffect(() => watchAttendance(() => void studioApi.me().catch(() => undefined)), []);
  useEffect(() => {
    if (me.data?.account) setKnown(me.data);
  }, [me.data]);
  useEffect(() => {
    document.title = t("title");
  }, [t]);
  useEffect(() => {
    const ask = () => void questions.invalidateQueries({ queryKey: ["me"] });
    addEventListener(SIGNED_OUT, ask);
    return () => removeEventListener(SIGNED_OUT, ask);
  }, [questions]);

  const entered = () => {
    listenAgain();
    void questions.invalidateQueries();
  };
  const leave = async () => {
    await studioApi.signOut().catch(() => undefined);
    listenAgain();
    setKnown(null);
    questions.setQueryData(["me"], { account: null, grants: [], rights: [] } satisfies Me);
  };

  const present = me.data?.account ? me.data : known;
  if (!present && me.isPending) return <p className="map-word" role="status">…</p>;
  if (!present) return <main className="door"><SignIn lang={lang} tryAs={me.data?.try_as ?? null} onDone={entered} /></main>;
  const isOut = me.data !== undefined && me.data.account === null;
  return (
    <>
      <Desk key={present.account} me={present} lang={lang} onLeave={() => void leave()} inert={isOut} />
      {isOut && <div className="door over" role="dialog" aria-modal="true"><SignIn lang={lang} tryAs={null} again={present.account ?? ""} onDone={entered} /></div>}
    </>
  );
}
