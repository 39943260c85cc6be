"""What no constraint can say: activities partition their shift, and nobody is published into an absence.

Activities: the whole shift is checked at commit by whoever makes or changes it, or changes or takes away one of its
activities: each activity begins where the one before ends, the first with the shift, and the last ends with it. The
shift's row is locked for that, so that two transactions cannot each be right alone. A new activity of a shift that
stays is checked on its own: it has to have a neighbour, or the shift's edge, on either side; as no two activities of a
shift may begin (or end) at one instant, nothing can be put into a shift that is full.

Absences: both sides lock the rows of the employees concerned, in order of id, and then look at the other side; in
READ COMMITTED the look is a new snapshot, so the second of two concurrent transactions sees the first.
"""

from django.db import migrations

PARTITION = """
CREATE FUNCTION schedules_check_partition(key bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owner schedules_shift%ROWTYPE;
    whole record;
BEGIN
    SELECT * INTO owner FROM schedules_shift WHERE id = key FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT min(part.start) AS start, max(part."end") AS "end", bool_and(part.joins) AS joined,
           coalesce(extract(epoch FROM sum(part."end" - part.start) FILTER (WHERE part.is_paid)), 0) AS paid_s
      INTO whole
      FROM (
        SELECT activity.start, activity."end", kind.is_paid,
               coalesce(lead(activity.start) OVER (ORDER BY activity.start) = activity."end", true) AS joins
          FROM schedules_activity activity JOIN workcalendar_activitykind kind ON kind.id = activity.kind_id
         WHERE activity.shift_id = key
      ) part;
    IF whole.start IS DISTINCT FROM owner.start OR whole."end" IS DISTINCT FROM owner."end" OR NOT whole.joined THEN
        RAISE EXCEPTION 'the activities of shift % do not partition it', key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'activities_partition_their_shift';
    END IF;
    IF whole.paid_s <> owner.paid_s THEN
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

CREATE FUNCTION schedules_activity_joins_shift() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner schedules_shift%ROWTYPE;
BEGIN
    SELECT * INTO owner FROM schedules_shift WHERE id = NEW.shift_id;
    IF FOUND AND (
        NEW.start < owner.start OR NEW."end" > owner."end"
        OR NEW.start > owner.start
           AND NOT EXISTS (SELECT FROM schedules_activity WHERE shift_id = NEW.shift_id AND "end" = NEW.start)
        OR NEW."end" < owner."end"
           AND NOT EXISTS (SELECT FROM schedules_activity WHERE shift_id = NEW.shift_id AND start = NEW."end")
    ) AND EXISTS (SELECT FROM schedules_activity WHERE id = NEW.id AND start = NEW.start AND "end" = NEW."end") THEN
        RAISE EXCEPTION 'an activity of shift % joins nothing', NEW.shift_id
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
CREATE CONSTRAINT TRIGGER activity_joins_shift
    AFTER INSERT ON schedules_activity
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION schedules_activity_joins_shift();
"""

PARTITION_BACK = """
DROP TRIGGER activity_joins_shift ON schedules_activity;
DROP TRIGGER activity_leaves_partition ON schedules_activity;
DROP TRIGGER shift_is_partitioned ON schedules_shift;
DROP FUNCTION schedules_activity_joins_shift();
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
