"""What no constraint can say: activities partition their shift, and nobody is published into an absence.

Activities: `no_overlap_in_a_shift` keeps them apart, so they partition the shift when the first starts with it, the
last ends with it and their lengths add up to its length. Whoever changes the shift, or takes an activity away, has the
sum checked at commit, with the shift's row locked so that two transactions cannot each be right alone. A new activity
only has to lie inside its shift: it cannot overlap, so the sum of the shift's own check stays true.

Absences: both sides lock the rows of the employees concerned, in order of id, and then look at the other side; in
READ COMMITTED the look is a new snapshot, so the second of two concurrent transactions sees the first.
"""

from django.db import migrations

PARTITION = """
CREATE FUNCTION schedules_check_partition(key bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owner schedules_shift%ROWTYPE;
    first_start timestamptz;
    last_end timestamptz;
    filled interval;
    paid interval;
BEGIN
    SELECT * INTO owner FROM schedules_shift WHERE id = key FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT min(activity.start), max(activity."end"), sum(activity."end" - activity.start),
           coalesce(sum(activity."end" - activity.start) FILTER (WHERE kind.is_paid), interval '0')
      INTO first_start, last_end, filled, paid
      FROM schedules_activity activity JOIN workcalendar_activitykind kind ON kind.id = activity.kind_id
     WHERE activity.shift_id = key;
    IF first_start IS DISTINCT FROM owner.start OR last_end IS DISTINCT FROM owner."end"
       OR extract(epoch FROM filled) IS DISTINCT FROM extract(epoch FROM owner."end" - owner.start) THEN
        RAISE EXCEPTION 'the activities of shift % do not partition it', key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'activities_partition_their_shift';
    END IF;
    IF extract(epoch FROM paid) <> owner.paid_s THEN
        RAISE EXCEPTION 'the paid time of shift % is not that of its activities', key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paid_time_is_that_of_the_activities';
    END IF;
END $$;

CREATE FUNCTION schedules_shift_is_partitioned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM schedules_check_partition(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION schedules_activity_leaves_partition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM schedules_check_partition(OLD.shift_id);
    IF TG_OP = 'UPDATE' AND NEW.shift_id <> OLD.shift_id THEN
        PERFORM schedules_check_partition(NEW.shift_id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION schedules_activity_inside_shift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM schedules_activity activity JOIN schedules_shift shift ON shift.id = activity.shift_id
         WHERE activity.id = NEW.id AND (activity.start < shift.start OR activity."end" > shift."end")
    ) THEN
        RAISE EXCEPTION 'an activity lies outside shift %', NEW.shift_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'activities_partition_their_shift';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER shift_is_partitioned
    AFTER INSERT OR UPDATE OF start, "end", paid_s ON schedules_shift
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION schedules_shift_is_partitioned();
CREATE CONSTRAINT TRIGGER activity_leaves_partition
    AFTER UPDATE OR DELETE ON schedules_activity
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION schedules_activity_leaves_partition();
CREATE CONSTRAINT TRIGGER activity_inside_shift
    AFTER INSERT ON schedules_activity
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION schedules_activity_inside_shift();
"""

PARTITION_BACK = """
DROP TRIGGER activity_inside_shift ON schedules_activity;
DROP TRIGGER activity_leaves_partition ON schedules_activity;
DROP TRIGGER shift_is_partitioned ON schedules_shift;
DROP FUNCTION schedules_activity_inside_shift();
DROP FUNCTION schedules_activity_leaves_partition();
DROP FUNCTION schedules_shift_is_partitioned();
DROP FUNCTION schedules_check_partition(bigint);
"""

ABSENCE = """
CREATE FUNCTION schedules_nobody_works_while_absent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    people bigint[];
    clash record;
BEGIN
    IF TG_TABLE_NAME = 'schedules_shift' THEN
        SELECT array_agg(DISTINCT employee_id) INTO people FROM changed_shifts WHERE is_published;
    ELSE
        SELECT array_agg(DISTINCT employee_id) INTO people FROM changed_absences;
    END IF;
    IF people IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM FROM organization_employee WHERE id = ANY (people) ORDER BY id FOR NO KEY UPDATE;
    SELECT shift.employee_id, shift.local_date INTO clash
      FROM schedules_shift shift
      JOIN schedules_absence absence ON absence.employee_id = shift.employee_id
       AND absence.start < shift."end" AND absence."end" > shift.start
     WHERE shift.is_published AND shift.employee_id = ANY (people)
     ORDER BY shift.start LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'employee % is absent in the published shift of %', clash.employee_id, clash.local_date
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'no_published_shift_in_an_absence';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER new_shifts_spare_absences AFTER INSERT ON schedules_shift
    REFERENCING NEW TABLE AS changed_shifts
    FOR EACH STATEMENT EXECUTE FUNCTION schedules_nobody_works_while_absent();
CREATE TRIGGER changed_shifts_spare_absences AFTER UPDATE ON schedules_shift
    REFERENCING NEW TABLE AS changed_shifts
    FOR EACH STATEMENT EXECUTE FUNCTION schedules_nobody_works_while_absent();
CREATE TRIGGER new_absences_spare_shifts AFTER INSERT ON schedules_absence
    REFERENCING NEW TABLE AS changed_absences
    FOR EACH STATEMENT EXECUTE FUNCTION schedules_nobody_works_while_absent();
CREATE TRIGGER changed_absences_spare_shifts AFTER UPDATE ON schedules_absence
    REFERENCING NEW TABLE AS changed_absences
    FOR EACH STATEMENT EXECUTE FUNCTION schedules_nobody_works_while_absent();
"""

ABSENCE_BACK = """
DROP TRIGGER changed_absences_spare_shifts ON schedules_absence;
DROP TRIGGER new_absences_spare_shifts ON schedules_absence;
DROP TRIGGER changed_shifts_spare_absences ON schedules_shift;
DROP TRIGGER new_shifts_spare_absences ON schedules_shift;
DROP FUNCTION schedules_nobody_works_while_absent();
"""


class Migration(migrations.Migration):
    dependencies = [("schedules", "0001_initial")]

    operations = [
        migrations.RunSQL(PARTITION, PARTITION_BACK),
        migrations.RunSQL(ABSENCE, ABSENCE_BACK),
    ]
