#!/usr/bin/env bash
# Real files, each into a database of its own: rows read = imported + repaired + unchanged + refused, as a Markdown table.
#
#   dothi with-database -- benches/real_files.sh DATA
#
# DATA is a folder with files as departments and portals give them (the names below). Files that the shipped profiles do not
# know get one here, as `--propose` begins it and a person ends it. What a report calls refused is refused with its reason; exit code 1 is
# a file of which nothing could be taken.
set -euo pipefail
data=${1:?folder with the files}
dothi=${DOTHI:-target/debug/dothi}
server=${DOTHI_TEST_DATABASE_URL:?run it by: dothi with-database -- $0}
psql=${PSQL:-/usr/lib/postgresql/15/bin/psql}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
url() { echo "${server%/*}/$1"; }
"$psql" -qXAt "$(url postgres)" -c "CREATE DATABASE files_template"
DATABASE_URL=$(url files_template) "$dothi" migrate > /dev/null

profile() { cat > "$work/$1.toml"; }
profile victoria << 'TOML'
[[map]]
source = "*"
to = "planning_zone"
[map.columns]
plan = { value = "victoria-zoning" }
zone_code = "{Zoning}/{OBJECTID}"
name = "Title"
function = { from = "Zoning", codes = { "R*" = "o_hien_huu", "C*" = "thuong_mai_dich_vu", "M*" = "cong_nghiep", "*" = "khac" } }
TOML
profile bristol << 'TOML'
[source]
crs = "EPSG:4326"
[[map]]
source = "*"
to = "lamp_post"
geometry = { lon = "longitude", lat = "latitude" }
[map.columns]
post_number = "{$row}"
TOML
profile ky4 << 'TOML'
[[map]]
source = "*pipes"
to = "water_pipe"
[map.columns]
pipe_number = "name"
kind = { value = "phan_phoi" }
diameter_mm = { from = "diameter", unit = "m" }
node_1 = "start_node_name"
node_2 = "end_node_name"
length_m = "length"
TOML
profile cadastre << 'TOML'
[[map]]
source = "*"
to = "parcel"
[map.columns]
commune_code = "commune"
sheet = "{prefixe}{section}"
number = "numero"
area_m2 = "contenance"

TOML
profile wards << 'TOML'
[[map]]
source = "*"
to = "admin_unit"
[map.columns]
code = "code"
name = "name"
kind = { from = "fullName", codes = { "Phường*" = "phuong", "Xã*" = "xa", "Đặc khu*" = "dac_khu" } }
level = { value = "2" }
province_code = "provinceCo"
area_km2 = "areaKm2"
TOML

echo "| file | layer | rows | imported | repaired | unchanged | refused | exit | s |"
echo "|---|---|---|---|---|---|---|---|---|"
number=0
while read -r file how; do
    [ -n "$file" ] || continue
    number=$((number + 1)) code=0
    "$psql" -qXAt "$(url postgres)" -c "CREATE DATABASE files_$number TEMPLATE files_template"
    own=${how#--profile }; own=${own%% *}
    [ ! -e "$work/$own.toml" ] || how=${how/$own/$work/$own.toml}
    # shellcheck disable=SC2086 # options, separated by spaces
    DATABASE_URL=$(url files_$number) "$dothi" import --quiet $how --work-dir "$work" --report "$work/report.json" "$data/$file" \
        > "$work/said" 2>&1 || code=$?
    if [ -e "$work/report.json" ]; then
        jq -r --arg file "${file##*/}" --arg code "$code" '.seconds as $s | .layers[] |
            if .read == .imported + .repaired + .unchanged + .refused + .waiting then . else error("the sums disagree") end |
            "| \($file) | \(.layer) | \(.read) | \(.imported) | \(.repaired) | \(.unchanged) | \(.refused) | \($code) | \($s * 10 | round / 10) |"' \
            "$work/report.json"
        jq -e '.layers | length > 0' "$work/report.json" > /dev/null || echo "| ${file##*/} | – | $(head -n 1 "$work/said" | cut -c1-90) | | | | | $code | |"
        rm "$work/report.json"
    else
        echo "| ${file##*/} | – | $(grep -v '^$' "$work/said" | head -n 1 | cut -c1-120) | | | | | $code | |"
    fi
    "$psql" -qXAt "$(url postgres)" -c "DROP DATABASE files_$number WITH (FORCE)"
done << 'FILES'
vn_admin/79_ho_chi_minh.zip --profile vn-admin
vn_admin/68_lam_dong.zip --profile vn-admin
vn_admin/52_gia_lai.zip --profile vn-admin
vn_admin/vn_wards_2025_simplified.fgb.zip --profile vn-admin
vn_admin/vn_provinces_2025_simplified.gpkg --profile vn-admin
vn_admin/hcmc_wards_vn2000_tm3_10545.shp.zip --profile wards
vn_admin/hcmc_wards_vn2000_tcvn3_derived.shp.zip --profile wards --encoding tcvn3
vn_osm/hcmc_quan1_20230824.osm.pbf --profile osm
parcels/cambridge_ma_ParcelsFY2013.topojson.gz --profile cambridge-parcels
parcels/cambridge_ma_ParcelsFY2014.topojson.gz --profile cambridge-parcels
parcels/cadastre-91216-parcelles.json.gz --profile cadastre
zoning/cambridge_ma_ZoningDistricts.geojson --profile cambridge-zoning
zoning/victoria_bc_zoning.geojson.gz --profile victoria
roads/cambridge_ma_Centerlines.geojson --profile cambridge-roads
street_lights/cambridge_ma_INFRA_StreetLights.geojson --profile cambridge-lights
street_lights/bristol_streetlights.csv.gz --profile bristol
water/cambridge_ma_Hydrants.geojson --profile cambridge-hydrants
water/ky4_pipes.geojson --profile ky4
permits/cambridge_ma_SpecialPermitAreas.geojson --profile cambridge-permits
trees/la_artesia.geojson.gz --profile la-trees
trees/la_downey.geojson.gz --profile la-trees
trees/la_malibu.geojson.gz --profile la-trees
trees/nyc_trees_2015_sample.shp.zip --profile nyc-trees
FILES
