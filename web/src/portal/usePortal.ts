import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Question } from "../kit/api/client";
import type { LookupAnswer } from "../kit/api/types";
import type { Lang } from "../kit/format/format";
import { listen } from "../kit/live/live";
import type { LiveMessage } from "../kit/live/stream";
import type { CityMap } from "../kit/map/adapter";
import { readLink, writePermalink, type Permalink } from "../kit/url/permalink";
import { concerns } from "./concerns";

/**
 * The address bar and the page say the same: where, what, which layers, which language. The number grows when the address was
 * changed by the reader (a pasted link, the browser's Back), so that the map goes there.
 */
export function usePermalink(): [Permalink, (change: Partial<Permalink>) => void, number] {
  const { i18n } = useTranslation();
  const [arrivals, setArrivals] = useState(0);
  const [link, setLink] = useState(() => readLink(location));
  const current = useRef(link);
  const change = useCallback((part: Partial<Permalink>) => {
    // The place belongs to what is selected: another selection brings its own or none.
    current.current = { ...current.current, ...(part.selection === undefined ? {} : { near: null }), ...part };
    setLink(current.current);
    history.replaceState(null, "", writePermalink(current.current) || location.pathname);
  }, []);
  useEffect(() => {
    const follow = () => {
      current.current = readLink(location);
      setLink(current.current);
      setArrivals((before) => before + 1);
      if (current.current.lang) void i18n.changeLanguage(current.current.lang);
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [i18n]);
  return [link, change, arrivals];
}

/** The language of the page, and the switch to the other one. */
export function useLang(change: (part: Partial<Permalink>) => void, linked: Lang | null, placeBegins: Lang): [Lang, () => void] {
  const { i18n } = useTranslation();
  useEffect(() => {
    if (linked === null && i18n.language !== placeBegins) void i18n.changeLanguage(placeBegins);
  }, [i18n, linked, placeBegins]);
  const lang: Lang = i18n.language === "en" ? "en" : "vi";
  const turn = useCallback(() => {
    const next: Lang = lang === "vi" ? "en" : "vi";
    void i18n.changeLanguage(next);
    change({ lang: next === placeBegins ? null : next });
  }, [change, i18n, lang, placeBegins]);
  return [lang, turn];
}

export const useCatalog = () => useQuery({ queryKey: ["layers"], queryFn: ({ signal }) => api.layers(signal), staleTime: Infinity });

export const useLookup = (question: Question | null) =>
  useQuery({
    queryKey: ["lookup", question],
    queryFn: ({ signal }) => (question ? api.lookup(question, signal) : Promise.reject(new Error("nothing asked"))),
    enabled: question !== null,
    staleTime: Infinity,
  });

/**
 * Keeps the open page equal to the server: tiles are fetched again, the answer is asked again if what changed may
 * concern it. Says whether the connection is there.
 */
export function useLive(map: CityMap | null, answer: LookupAnswer | undefined): boolean {
  const [online, setOnline] = useState(true);
  const questions = useQueryClient();
  const heard = useRef<(message: LiveMessage) => void>(() => undefined);
  useEffect(() => {
    heard.current = (message) => {
      switch (message.kind) {
        case "online":
          return setOnline(true);
        case "offline":
          return setOnline(false);
        case "reload":
          map?.refreshAll();
          void questions.invalidateQueries();
          return;
        case "change":
          for (const [layer, change] of Object.entries(message.layers)) map?.refresh(layer, change);
          if (answer && concerns(message.layers, answer)) void questions.invalidateQueries({ queryKey: ["lookup"] });
      }
    };
  }, [map, answer, questions]);
  useEffect(() => listen((message) => heard.current(message)), []);
  return online;
}

/** Whether the page is as narrow as a phone; follows turning and resizing. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia("(max-width: 799px)").matches);
  useEffect(() => {
    const query = matchMedia("(max-width: 799px)");
    const follow = () => setNarrow(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return narrow;
}
