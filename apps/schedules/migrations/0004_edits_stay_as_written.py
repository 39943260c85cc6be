"""The log of edits is written once: of an edit only its state may change, of a change of a shift nothing."""

from django.db import migrations

FORTH = """
CREATE FUNCTION schedules_edit_stays_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION 'edit % is written already', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edits_stay_as_written';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION schedules_change_stays_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'change % is written already', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'edits_stay_as_written';
END $$;

CREATE TRIGGER edit_stays_as_written BEFORE UPDATE ON schedules_scheduleedit
    FOR EACH ROW EXECUTE FUNCTION schedules_edit_stays_as_written();
CREATE TRIGGER change_stays_as_written BEFORE UPDATE ON schedules_shiftchange
    FOR EACH ROW EXECUTE FUNCTION schedules_change_stays_as_written();
"""

BACK = """
DROP TRIGGER change_stays_as_written ON schedules_shiftchange;
DROP TRIGGER edit_stays_as_written ON schedules_scheduleedit;
DROP FUNCTION schedules_change_stays_as_written();
DROP FUNCTION schedules_edit_stays_as_written();
"""


class Migration(migrations.Migration):
    dependencies = [("schedules", "0003_edits")]

    operations = [migrations.RunSQL(FORTH, BACK)]
