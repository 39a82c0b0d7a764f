"""What a payment is for: a rescue is not won by paying for something else."""

from odoo.tools import SQL


def same_documents(asked, given):
    """Condition: two lists of documents share one, or one of them names none.

    :param SQL asked: jsonb expression
    :param SQL given: jsonb expression
    """
    return SQL(
        """
        CASE WHEN jsonb_typeof(%(asked)s) = 'array' AND %(asked)s <> '[]'
              AND jsonb_typeof(%(given)s) = 'array' AND %(given)s <> '[]'
             THEN EXISTS (SELECT FROM jsonb_array_elements_text(%(given)s) g (document)
                           WHERE %(asked)s ? g.document)
             ELSE TRUE END
        """,
        asked=SQL("(%s)", asked),
        given=SQL("(%s)", given),
    )


def of_run(alias):
    """Return the documents that an enrolment's trigger was about."""
    context = SQL.identifier(alias, "context")
    return SQL("coalesce(%s->'data'->'documents', %s->'documents')", context, context)


def of_event(alias):
    """Return the documents of an event."""
    return SQL("%s->'documents'", SQL.identifier(alias, "data"))
