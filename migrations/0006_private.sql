-- Personal data: who holds a parcel. Erasing a person breaks neither history nor map, because nothing else holds these
-- words: no trigger of the layers runs here, and the feed never hears of a row.

CREATE TABLE gis_private.party (
    id uuid CONSTRAINT party_pk PRIMARY KEY DEFAULT gis.uuid_v7(),
    kind text NOT NULL CONSTRAINT party_kind CHECK (kind IN ('person', 'household', 'organisation')),
    name text,
    id_kind text,
    id_number text,
    birth_year int,
    phone text,
    email text,
    address text,
    purpose text NOT NULL CONSTRAINT party_has_purpose CHECK (btrim(purpose) <> ''),
    retain_until date NOT NULL,
    source_id bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT gis.actor(),
    erased_at timestamptz,
    CONSTRAINT party_erased_is_empty CHECK (erased_at IS NULL
        OR num_nonnulls(name, id_kind, id_number, birth_year, phone, email, address) = 0)
);
COMMENT ON TABLE gis_private.party IS 'Chủ thể (Party): persons, households and organisations that have rights in land; LADM LA_Party';
COMMENT ON COLUMN gis_private.party.id IS 'Identifier; all that other tables hold of a party';
COMMENT ON COLUMN gis_private.party.kind IS 'person, household or organisation';
COMMENT ON COLUMN gis_private.party.name IS 'Họ tên, tên tổ chức (Name)';
COMMENT ON COLUMN gis_private.party.id_kind IS 'Loại giấy tờ (Kind of identity paper)';
COMMENT ON COLUMN gis_private.party.id_number IS 'Số giấy tờ (Number of the paper)';
COMMENT ON COLUMN gis_private.party.birth_year IS 'Năm sinh (Year of birth)';
COMMENT ON COLUMN gis_private.party.phone IS 'Điện thoại (Phone)';
COMMENT ON COLUMN gis_private.party.email IS 'Thư điện tử (E-mail)';
COMMENT ON COLUMN gis_private.party.address IS 'Địa chỉ liên hệ (Contact address)';
COMMENT ON COLUMN gis_private.party.purpose IS 'What the data are held for (Luật 91/2025/QH15)';
COMMENT ON COLUMN gis_private.party.retain_until IS 'Day from which they are to be erased';
COMMENT ON COLUMN gis_private.party.source_id IS 'Delivery and row that they came from';
COMMENT ON COLUMN gis_private.party.created_at IS 'When they were taken down';
COMMENT ON COLUMN gis_private.party.created_by IS 'Who took them down';
COMMENT ON COLUMN gis_private.party.erased_at IS 'When they were erased; the row stays, empty, so that links do not break';

CREATE TABLE gis_private.party_parcel (
    id uuid CONSTRAINT party_parcel_pk PRIMARY KEY DEFAULT gis.uuid_v7(),
    party uuid NOT NULL CONSTRAINT party_parcel_party REFERENCES gis_private.party,
    parcel uuid NOT NULL CONSTRAINT party_parcel_parcel REFERENCES gis.object,
    relation text NOT NULL CONSTRAINT party_parcel_right CHECK (relation IN ('right', 'restriction', 'responsibility')),
    share_numerator int,
    share_denominator int,
    certificate_number text,
    validity daterange NOT NULL DEFAULT daterange(NULL, NULL),
    CONSTRAINT party_parcel_share CHECK ((share_numerator IS NULL) = (share_denominator IS NULL)
        AND (share_numerator IS NULL OR (share_numerator > 0 AND share_denominator >= share_numerator)))
);
CREATE INDEX party_parcel_by_party ON gis_private.party_parcel (party);
CREATE INDEX party_parcel_by_parcel ON gis_private.party_parcel (parcel);
COMMENT ON TABLE gis_private.party_parcel IS 'Which party has what in which parcel; LADM LA_RRR';
COMMENT ON COLUMN gis_private.party_parcel.id IS 'Identifier';
COMMENT ON COLUMN gis_private.party_parcel.party IS 'Party';
COMMENT ON COLUMN gis_private.party_parcel.parcel IS 'Parcel (gis.object.id)';
COMMENT ON COLUMN gis_private.party_parcel.relation IS 'right, restriction or responsibility';
COMMENT ON COLUMN gis_private.party_parcel.share_numerator IS 'Share of the right, upper number';
COMMENT ON COLUMN gis_private.party_parcel.share_denominator IS 'Share of the right, lower number';
COMMENT ON COLUMN gis_private.party_parcel.certificate_number IS 'Số phát hành giấy chứng nhận (Serial of the certificate)';
COMMENT ON COLUMN gis_private.party_parcel.validity IS 'Days on which it holds';

CREATE TABLE gis_private.access_log (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT access_log_pk PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL DEFAULT gis.actor(),
    party uuid,
    reason text NOT NULL
);
COMMENT ON TABLE gis_private.access_log IS 'Each look-up of a person; append-only for the server';
COMMENT ON COLUMN gis_private.access_log.seq IS 'Order';
COMMENT ON COLUMN gis_private.access_log.at IS 'When';
COMMENT ON COLUMN gis_private.access_log.actor IS 'Who looked';
COMMENT ON COLUMN gis_private.access_log.party IS 'Whom; null for a search by words';
COMMENT ON COLUMN gis_private.access_log.reason IS 'Why';

CREATE FUNCTION gis_private.erase_party(p_party uuid, p_reason text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO gis_private.access_log (party, reason) VALUES (p_party, p_reason);
    UPDATE gis_private.party SET name = NULL, id_kind = NULL, id_number = NULL, birth_year = NULL, phone = NULL, email = NULL,
        address = NULL, erased_at = now() WHERE id = p_party;
$$;
COMMENT ON FUNCTION gis_private.erase_party(uuid, text) IS 'Erases what is held of a party; links stay and name nobody';

GRANT SELECT, INSERT, UPDATE ON gis_private.party, gis_private.party_parcel TO dothi_app;
GRANT SELECT, INSERT ON gis_private.access_log TO dothi_app;
