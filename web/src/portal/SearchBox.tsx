import { useQuery } from "@tanstack/react-query";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useDeferredValue, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../kit/api/client";
import type { SearchResult } from "../kit/api/types";
import type { Lang } from "../kit/format/format";
import { distance } from "../kit/format/format";
import { pick } from "../kit/i18n";
import { searchInEnglish } from "../kit/i18n/english";
import { problemWords } from "../kit/ui/problem";
import { alikeAtHead, metresBetween, nearestFirst } from "./alike";

interface Props {
  lang: Lang;
  /** Outside Vietnam there are no old wards and no sheets to look for. */
  isVietnamese: boolean;
  near: { lon: number; lat: number } | null;
  suggestions: string[] | null;
  /** Nothing is asked yet: the suggestions stand in sight, not only behind the cursor. */
  idle: boolean;
  onChoose: (result: SearchResult) => void;
}

const WAIT_MS = 160;

/** The text once the reader has paused. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const wait = setTimeout(() => setPaused(text), WAIT_MS);
    return () => clearTimeout(wait);
  }, [text]);
  return paused;
}

/** One box for addresses, plots, old names and coordinates; a combobox by the ARIA pattern. */
export function SearchBox({ lang, isVietnamese, near, suggestions, idle, onChoose }: Props) {
  const { t } = useTranslation();
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [told, setTold] = useState(false);
  const asked = usePaused(text.trim());
  const here = useDeferredValue(near);
  const answer = useQuery({
    queryKey: ["search", asked],
    queryFn: ({ signal }) => api.search(asked, here, signal),
    enabled: asked.length > 0,
    placeholderData: (before) => before,
  });

  const isEmpty = text.trim().length === 0;
  const results = isEmpty ? [] : nearestFirst(answer.data?.results ?? [], here);
  const alike = alikeAtHead(results);
  const tries = (suggestions ?? []).slice(0, 3).map((suggestion) => (lang === "en" ? searchInEnglish(suggestion) : suggestion));
  const count = isEmpty ? tries.length : results.length;
  // What holds for all results: above all that exactly what was asked for does not exist.
  const note = isEmpty || !answer.data?.note ? "" : pick(answer.data.note, lang);
  const waiting = !isEmpty && (asked !== text.trim() || answer.isFetching);

  const choose = (result: SearchResult) => {
    setOpen(false);
    setActive(-1);
    setText(pick(result.titles, lang));
    input.current?.blur();
    onChoose(result);
  };
  const tryOne = (suggestion: string) => {
    setText(suggestion);
    setActive(-1);
    setOpen(true);
    input.current?.focus();
  };
  // Enter before the results are there: the first one is taken when they come, unless the text has changed by then.
  const hasty = useRef<string | null>(null);
  // Several of one name: Enter shows them to choose from, it does not guess.
  const takeFirst = () => {
    const [first] = results;
    if (alike > 1) {
      setOpen(true);
      setActive(0);
      setTold(true);
    } else if (first) choose(first);
  };
  const take = (index: number) => {
    const result = results[index], suggestion = tries[index];
    if (isEmpty && suggestion !== undefined) tryOne(suggestion);
    else if (result) choose(result);
  };

  const onKey = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((now) => (count === 0 ? -1 : now < 0 ? (step > 0 ? 0 : count - 1) : (now + step + count) % count));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      if (waiting && active < 0) hasty.current = text;
      else if (active >= 0) take(active);
      else if (!isEmpty) takeFirst();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      setOpen(false);
      setActive(-1);
    }
  };

  useEffect(() => {
    if (waiting || hasty.current === null) return;
    const isSame = hasty.current === text;
    hasty.current = null;
    if (isSame) takeFirst();
  });

  useEffect(() => {
    const leave = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    addEventListener("pointerdown", leave);
    addEventListener("focusin", leave);
    return () => {
      removeEventListener("pointerdown", leave);
      removeEventListener("focusin", leave);
    };
  }, []);

  const option = (index: number) => ({
    id: `${list}-${index}`,
    role: "option",
    "aria-selected": index === active,
    onPointerMove: () => setActive(index),
    onMouseDown: (event: React.MouseEvent) => event.preventDefault(),
    onClick: () => take(index),
  });

  return (
    <div className="search" ref={box} role="search">
      <div className="search-field">
        <IconSearch size={20} stroke={1.6} aria-hidden="true" />
        <input
          id="search"
          ref={input}
          type="search"
          role="combobox"
          enterKeyHint="search"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          maxLength={200}
          aria-label={t("search.label")}
          aria-expanded={open}
          aria-controls={list}
          aria-autocomplete="list"
          {...(active >= 0 && open ? { "aria-activedescendant": `${list}-${active}` } : {})}
          placeholder={t(isVietnamese ? "search.placeholder" : "search.placeholderAbroad")}
          value={text}
          onChange={(event) => { setText(event.target.value); setActive(-1); setTold(false); setOpen(true); }}
          onFocus={() => setOpen(true)}
          onKeyDown={onKey}
        />
        {text !== "" && (
          <button type="button" className="search-clear" aria-label={t("search.clear")} onClick={() => { setText(""); input.current?.focus(); }}>
            <IconX size={18} stroke={1.6} aria-hidden="true" />
          </button>
        )}
      </div>
      <div className="search-drop" hidden={!open || (isEmpty && tries.length === 0)}>
        {note && <p className="search-word search-said">{note}</p>}
        {told && alike > 1 && <p className="search-word search-said" role="status">{t("search.alike", { count: alike })}</p>}
        {isEmpty && tries.length > 0 && <p className="search-word" id={`${list}-word`}>{t("search.suggestions")}</p>}
        <ul id={list} role="listbox" aria-label={isEmpty ? t("search.suggestions") : t("search.results")}>
          {isEmpty && tries.map((suggestion, index) => <li key={suggestion} className="result try" {...option(index)}>{suggestion}</li>)}
          {!isEmpty && results.map((result, index) => (
            <li key={`${result.kind}-${result.id ?? index}-${index}`} className="result" {...option(index)}>
              <span className="result-title">{pick(result.titles, lang)}</span>
              <span className="result-kind">{t(`search.kind.${result.kind}`)}</span>
              {(result.subtitle || (index < alike && alike > 1 && here)) && <span className="result-sub">{[result.subtitle ? pick(result.subtitle, lang) : "", index < alike && alike > 1 && here ? t("search.away", { far: distance(metresBetween(result, here), lang) }) : ""].filter(Boolean).join(" · ")}</span>}
              {result.note && <span className="result-note">{pick(result.note, lang)}</span>}
            </li>
          ))}
        </ul>
        {!isEmpty && waiting && results.length === 0 && <div className="search-ghost" aria-hidden="true"><span className="ghost" /><span className="ghost short" /></div>}
        {!isEmpty && !waiting && answer.isError && <p className="search-word failed">{problemWords(answer.error, lang, t).title}</p>}
        {!isEmpty && !waiting && answer.isSuccess && results.length === 0 && !note && (
          <p className="search-word">{t("search.none", { text: text.trim() })}<br /><span className="quiet">{t("search.noneHint")}</span></p>
        )}
        {!isEmpty && answer.data?.degraded && <p className="search-word quiet">{t("search.degraded")}</p>}
      </div>
      {idle && isEmpty && !open && tries.length > 0 && (
        <div className="search-tries" role="group" aria-label={t("search.suggestions")}>
          {tries.map((suggestion) => <button key={suggestion} type="button" className="search-try" onClick={() => tryOne(suggestion)}>{suggestion}</button>)}
        </div>
      )}
      <p className="unseen" role="status">{open && !isEmpty && !waiting && answer.isSuccess ? `${note} ${t("search.count", { count: results.length })}` : ""}</p>
    </div>
  );
}
