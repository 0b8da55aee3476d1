"""What is listed newest first is found, not sorted."""

import pytest
from sqlalchemy import Table

from goviral.features.models_all import ALL
from goviral.kit.db.base import Base, Listed

assert ALL
LISTED = [one.class_ for one in Base.registry.mappers if issubclass(one.class_, Listed)]


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model.__name__)
def test_a_listed_table_has_an_index_in_the_order_of_the_list(model: type[Base]) -> None:
    table = model.__table__
    assert isinstance(table, Table)
    indexes = [[column.name for column in index.columns] for index in table.indexes]
    assert ["owner_id", "id"] in indexes
    assert ["owner_id"] not in indexes
