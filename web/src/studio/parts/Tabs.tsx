interface Props { chosen: string; onChoose: (name: string) => void; tabs: { name: string; title: string }[] }

/** Pages of one panel. */
export function Tabs({ chosen, onChoose, tabs }: Props) {
  return (
    <div className="panel-tabs" role="group">
      {tabs.map((tab) => <button key={tab.name} type="button" aria-pressed={chosen === tab.name} onClick={() => onChoose(tab.name)}>{tab.title}</button>)}
    </div>
  );
}
