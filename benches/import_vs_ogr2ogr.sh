#!/usr/bin/env bash
# Rows a second of `dothi import` against `ogr2ogr -f PostgreSQL` (PG_USE_COPY=YES, spatial index): the same polygons, the
# same cluster, the same run. By hand, on an otherwise idle machine:
#
#   dothi with-database -- benches/import_vs_ogr2ogr.sh [LAYER] [POLYGONS] [ROUNDS]
#
# LAYER is `building` (default) or `parcel` (legal metres in VN-2000 beside the degrees). The polygons are a deterministic
# grid of lots with 4 to 12 vertices. Prints seconds of each round, medians and bests, and the ratio (1.0 = as fast as
# ogr2ogr). Each round begins with another of the three, so that what else the machine does meets them all alike.
set -euo pipefail
layer=${1:-building} polygons=${2:-100000} rounds=${3:-3}
dothi=${DOTHI:-target/debug/dothi}
server=${DOTHI_TEST_DATABASE_URL:?run it by: dothi with-database -- $0}
psql=${PSQL:-/usr/lib/postgresql/15/bin/psql}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
base=${server%/*}
url() { echo "$base/$1"; }
sql() { "$psql" -qXAt -v ON_ERROR_STOP=1 "$(url "$1")" -c "$2"; }
now() { date +%s.%N; }
since() { echo "$(now) - $1" | bc; }
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
best() { printf '%s\n' "$@" | sort -n | head -n 1; }
ratio() { echo "scale=2; $1 / $2" | bc; }

sql postgres "CREATE DATABASE bench_template"
DATABASE_URL=$(url bench_template) "$dothi" migrate > /dev/null
if [ "$layer" = parcel ]; then
    sql bench_template "INSERT INTO catalog.setting VALUES ('place', '{\"legal_srid\": 9210}')
        ON CONFLICT (name) DO UPDATE SET value = catalog.setting.value || excluded.value"
    fields="'26740' AS commune_code, (n / 400)::text AS sheet, (n % 400)::text AS number, 'ODT' AS land_use, 50 + n % 60 AS area_m2"
else
    fields="'b' || n AS source_ref, 'house' AS use, 1 + n % 7 AS storeys, 3.5 * (1 + n % 7) AS height_m, 'Nhà số ' || n AS name"
fi
sql postgres "CREATE DATABASE bench_source TEMPLATE bench_template"
sql bench_source "CREATE TABLE public.$layer AS SELECT $fields,
    ST_Multi(ST_Segmentize(ST_SetSRID(ST_MakeEnvelope(x, y, x + 0.00005, y + 0.00015), 4326), 0.00016 / (1 + n % 3))) AS geom
    FROM generate_series(0, $polygons - 1) AS n, LATERAL (SELECT 106.6 + (n % 500) * 0.00006 AS x, 10.7 + (n / 500) * 0.00016 AS y) AS at"
ogr2ogr -f GPKG "$work/$layer.gpkg" "PG:$(url bench_source)" "public.$layer" -nln "$layer" -a_srs EPSG:4326

ours() { # checks
    sql postgres "CREATE DATABASE bench_ours TEMPLATE bench_template"
    local begun; begun=$(now)
    DATABASE_URL=$(url bench_ours) "$dothi" import --quiet --checks "$1" --work-dir "$work/reports" --report "$work/report.json" \
        "$work/$layer.gpkg" > "$work/said" || { cat "$work/said" >&2; exit 1; }
    since "$begun"
    local rows; rows=$(sql bench_ours "SELECT count(*) FROM gis.$layer")
    [ "$rows" = "$polygons" ] || { echo "only $rows of $polygons rows came in" >&2; exit 1; }
    sql postgres "DROP DATABASE bench_ours WITH (FORCE)"
}
theirs() {
    sql postgres "CREATE DATABASE bench_theirs TEMPLATE bench_template"
    local begun; begun=$(now)
    PG_USE_COPY=YES ogr2ogr -q -f PostgreSQL "PG:$(url bench_theirs)" "$work/$layer.gpkg" -nln public.delivered -lco SPATIAL_INDEX=GIST
    since "$begun"
    sql postgres "DROP DATABASE bench_theirs WITH (FORCE)"
}

full=() basic=() ogr=()
for round in $(seq "$rounds"); do
    for turn in $(seq "$round" $((round + 2))); do
        case $((turn % 3)) in
            0) ogr+=("$(theirs)") ;;
            1) full+=("$(ours full)") ;;
            2) basic+=("$(ours basic)") ;;
        esac
    done
    echo "round $round: ogr2ogr ${ogr[-1]} s, dothi full ${full[-1]} s, dothi basic ${basic[-1]} s"
done
for of in median best; do
    o=$($of "${ogr[@]}") f=$($of "${full[@]}") b=$($of "${basic[@]}")
    echo "$polygons polygons into $layer, $of of $rounds: ogr2ogr $o s, full $f s, basic $b s;" \
        "ratio (rows a second): full $(ratio "$o" "$f"), basic $(ratio "$o" "$b")"
done
